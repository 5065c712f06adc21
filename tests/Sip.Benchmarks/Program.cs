using BenchmarkDotNet.Running;
using Sip.Benchmarks;

if (args is ["--quick"])
{
    Quick.Run();
    return;
}

if (args is ["--transactions"])
{
    TransactionBenchmarks.Run();
    return;
}

if (args is ["--loop"])
{
    LoopBenchmark.Run();
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(ParserBenchmarks).Assembly).Run(args);
