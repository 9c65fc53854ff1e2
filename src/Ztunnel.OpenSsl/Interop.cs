using System.Runtime.CompilerServices;

// Every native signature of this project is blittable as written: calls go straight through, without a generated stub.
[assembly: DisableRuntimeMarshalling]
