using Xunit;

// Most of a test's time is waiting for other programs. Classes run side by side, each test with a server, an address and ports of its own;
// the load runs alone.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
