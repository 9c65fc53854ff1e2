// Each class brings a mesh of processes up: two at once would only wait for each other's CPU.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
