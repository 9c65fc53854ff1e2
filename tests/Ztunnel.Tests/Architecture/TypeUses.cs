using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Ztunnel.Tests.Architecture;

/// <summary>
/// Reads from a built assembly which types name which: bases, interfaces, constraints, attributes, fields, parameters,
/// locals, and everything the code of a method touches.
/// </summary>
internal sealed class TypeUses
{
    private readonly HashSet<TypeUse> _uses = [];
    private readonly PEReader _file;
    private readonly MetadataReader _reader;
    private readonly SignatureTypes _signature;
    private TypeDefinitionHandle _user;

    private TypeUses(PEReader file)
    {
        (_file, _reader) = (file, file.GetMetadataReader());
        _signature = new SignatureTypes(Add);
    }

    public static IReadOnlyCollection<TypeUse> Of(string assembly)
    {
        using PEReader file = new(File.OpenRead(assembly));
        TypeUses uses = new(file);
        foreach (TypeDefinitionHandle type in uses._reader.TypeDefinitions)
        {
            uses.Read(type);
        }

        return uses._uses;
    }

    public static string[] AssembliesOf(string assembly)
    {
        using PEReader file = new(File.OpenRead(assembly));
        MetadataReader reader = file.GetMetadataReader();
        return [.. reader.AssemblyReferences.Select(used => reader.GetString(reader.GetAssemblyReference(used).Name))];
    }

    private void Read(TypeDefinitionHandle handle)
    {
        _user = handle;
        TypeDefinition type = _reader.GetTypeDefinition(handle);
        Add(type.BaseType);
        AddAttributes(type.GetCustomAttributes());
        foreach (InterfaceImplementationHandle implementation in type.GetInterfaceImplementations())
        {
            Add(_reader.GetInterfaceImplementation(implementation).Interface);
        }

        AddConstraints(type.GetGenericParameters());
        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            Add(field);
            AddAttributes(_reader.GetFieldDefinition(field).GetCustomAttributes());
        }

        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            Read(_reader.GetMethodDefinition(method));
        }
    }

    private void Read(MethodDefinition method)
    {
        method.DecodeSignature(_signature, genericContext: true);
        AddAttributes(method.GetCustomAttributes());
        AddConstraints(method.GetGenericParameters());
        if (method.RelativeVirtualAddress == 0)
        {
            return; // abstract, or native
        }

        MethodBodyBlock body = _file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            _reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_signature, genericContext: true);
        }

        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            Add(region.CatchType);
        }

        foreach (EntityHandle token in BodyTokens.In(body.GetILReader()))
        {
            Add(token);
        }
    }

    private void AddAttributes(CustomAttributeHandleCollection attributes)
    {
        foreach (CustomAttributeHandle attribute in attributes)
        {
            Add(_reader.GetCustomAttribute(attribute).Constructor);
        }
    }

    private void AddConstraints(GenericParameterHandleCollection parameters)
    {
        foreach (GenericParameterHandle parameter in parameters)
        {
            foreach (GenericParameterConstraintHandle at in _reader.GetGenericParameter(parameter).GetConstraints())
            {
                Add(_reader.GetGenericParameterConstraint(at).Type);
            }
        }
    }

    private void Add(EntityHandle used)
    {
        if (used.IsNil)
        {
            return; // System.Object has no base, a finally catches nothing
        }

        switch (used.Kind)
        {
            case HandleKind.TypeDefinition:
                Note(Outermost((TypeDefinitionHandle)used));
                break;
            case HandleKind.TypeReference:
                Note(Outermost((TypeReferenceHandle)used));
                break;
            case HandleKind.TypeSpecification:
                _reader.GetTypeSpecification((TypeSpecificationHandle)used).DecodeSignature(_signature, true);
                break;
            case HandleKind.FieldDefinition:
                FieldDefinition field = _reader.GetFieldDefinition((FieldDefinitionHandle)used);
                Add(field.GetDeclaringType());
                field.DecodeSignature(_signature, genericContext: true);
                break;
            case HandleKind.MethodDefinition:
                Add(_reader.GetMethodDefinition((MethodDefinitionHandle)used).GetDeclaringType());
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification instance = _reader.GetMethodSpecification((MethodSpecificationHandle)used);
                Add(instance.Method);
                instance.DecodeSignature(_signature, genericContext: true);
                break;
            case HandleKind.MemberReference:
                Add(_reader.GetMemberReference((MemberReferenceHandle)used).Parent);
                break;
            case HandleKind.StandaloneSignature:
                _reader.GetStandaloneSignature((StandaloneSignatureHandle)used)
                    .DecodeMethodSignature(_signature, genericContext: true);
                break;
            default:
                throw new NotSupportedException($"a {used.Kind} in the code");
        }
    }

    private void Note((string Namespace, string Name) used)
    {
        (string @namespace, string name) = Outermost(_user);
        _uses.Add(new TypeUse(@namespace, name, used.Namespace, used.Name));
    }

    private (string Namespace, string Name) Outermost(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _reader.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
        {
            type = _reader.GetTypeDefinition(type.GetDeclaringType());
        }

        return (_reader.GetString(type.Namespace), _reader.GetString(type.Name));
    }

    private (string Namespace, string Name) Outermost(TypeReferenceHandle handle)
    {
        TypeReference type = _reader.GetTypeReference(handle);
        while (type.ResolutionScope.Kind == HandleKind.TypeReference)
        {
            type = _reader.GetTypeReference((TypeReferenceHandle)type.ResolutionScope);
        }

        return (_reader.GetString(type.Namespace), _reader.GetString(type.Name));
    }
}
