using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;

// Every run builds a project of its own, and a small or busy machine takes longer than the two minutes that are usual.
ManualConfig config = ManualConfig.Create(DefaultConfig.Instance).WithBuildTimeout(TimeSpan.FromMinutes(10));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
