using Ztunnel.State;

namespace Ztunnel.Tests.State;

public sealed class PersistentMapTests
{
    [Theory]
    [InlineData(1, 200)]
    [InlineData(2, 20)]
    [InlineData(3, 5000)]
    public void Builder_RandomChanges_AgreesWithADictionary(int seed, int keys)
    {
        var random = new Random(seed);
        var expected = new Dictionary<string, int>();
        PersistentMap<string, int> map = PersistentMap<string, int>.Empty;
        var history = new List<(PersistentMap<string, int> Map, Dictionary<string, int> Expected)>();

        for (int batch = 0; batch < 60; batch++)
        {
            PersistentMap<string, int>.Builder builder = map.ToBuilder();
            for (int i = 0; i < 100; i++)
            {
                string key = $"key-{random.Next(keys)}";
                if (random.Next(3) == 0)
                {
                    Assert.Equal(expected.Remove(key), builder.Remove(key));
                }
                else
                {
                    builder.Set(key, expected[key] = random.Next());
                    Assert.Equal(expected[key], builder.GetValueOrDefault(key));
                }

                Assert.Equal(expected.Count, builder.Count);
            }

            map = builder.ToMap();
            history.Add((map, new Dictionary<string, int>(expected)));
        }

        Assert.All(history, moment => AssertSame(moment.Expected, moment.Map)); // no batch reached into an older map
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(33)]
    [InlineData(20_000)]
    public void Builder_FilledFromNothing_AgreesWithADictionaryAndGoesOn(int count)
    {
        Dictionary<string, int> expected = [];
        PersistentMap<string, int>.Builder builder = PersistentMap<string, int>.Empty.ToBuilder();
        for (int i = 0; i < count; i++)
        {
            Assert.False(builder.Remove("stranger"));
            builder.Set($"key-{i}", i);
            builder.Set($"key-{i / 2}", expected[$"key-{i / 2}"] = -i);
            expected.TryAdd($"key-{i}", i);
            Assert.Equal(expected.Count, builder.Count);
            Assert.Equal(expected[$"key-{i}"], builder.GetValueOrDefault($"key-{i}"));
        }

        PersistentMap<string, int> first = builder.ToMap();
        AssertSame(expected, first);

        builder.Set("key-0", 7);
        Assert.True(builder.Remove($"key-{count / 2}") || count == 1);
        AssertSame(expected, first); // the builder went on with copies

        Dictionary<string, int> changed = new(expected) { ["key-0"] = 7 };
        changed.Remove($"key-{count / 2}");
        PersistentMap<string, int> second = builder.ToMap();
        AssertSame(changed, second);
    }

    [Fact]
    public void Builder_FilledFromNothingWithKeysOfOneHash_KeepsThemApart()
    {
        Dictionary<Clash, int> expected = [];
        PersistentMap<Clash, int>.Builder builder = PersistentMap<Clash, int>.Empty.ToBuilder();
        for (int i = 0; i < 200; i++)
        {
            builder.Set(new Clash(i), expected[new Clash(i)] = i);
        }

        PersistentMap<Clash, int> map = builder.ToMap();

        Assert.Equal(expected.Count, map.Count);
        Assert.All(expected, entry => Assert.Equal(entry.Value, map.GetValueOrDefault(entry.Key)));
        Assert.Equal(expected.Count, map.Entries().Count());
    }

    [Fact]
    public void Builder_KeysOfOneHash_AreKeptApart()
    {
        var random = new Random(4);
        var expected = new Dictionary<Clash, int>();
        PersistentMap<Clash, int>.Builder builder = PersistentMap<Clash, int>.Empty.ToBuilder();
        for (int i = 0; i < 3000; i++)
        {
            var key = new Clash(random.Next(40));
            if (random.Next(2) == 0)
            {
                Assert.Equal(expected.Remove(key), builder.Remove(key));
            }
            else
            {
                builder.Set(key, expected[key] = i);
            }
        }

        AssertSame(expected, builder.ToMap());
    }

    [Fact]
    public void Find_ByPiecesOfText_AgreesWithTheStringsThemselves()
    {
        PersistentMap<string, string>.Builder builder = PersistentMap<string, string>.Empty.ToBuilder();
        for (int i = 0; i < 5000; i++)
        {
            builder.Set($"key-{i}", $"value-{i}");
        }

        PersistentMap<string, string> map = builder.ToMap();
        for (int i = 0; i < 6000; i++)
        {
            ReadOnlySpan<char> text = $"--key-{i}--";

            Assert.Equal(i < 5000 ? $"value-{i}" : null, map.Find(new TextMatch(text[2..^2])));
        }

        Assert.Null(PersistentMap<string, string>.Empty.Find(new TextMatch("a")));
    }

    [Fact]
    public void Find_KeysOfOneHash_AreKeptApart()
    {
        PersistentMap<Clash, string>.Builder builder = PersistentMap<Clash, string>.Empty.ToBuilder();
        for (int i = 0; i < 40; i++)
        {
            builder.Set(new Clash(i), $"{i}");
        }

        PersistentMap<Clash, string> map = builder.ToMap();

        Assert.All(Enumerable.Range(0, 40), i => Assert.Equal($"{i}", map.Find(new ClashMatch(i))));
        Assert.Null(map.Find(new ClashMatch(41)));
    }

    [Fact]
    public void ToMap_NothingChanged_IsTheSameMap()
    {
        PersistentMap<string, int>.Builder builder = PersistentMap<string, int>.Empty.ToBuilder();
        builder.Set("a", 1);
        PersistentMap<string, int> map = builder.ToMap();
        PersistentMap<string, int>.Builder second = map.ToBuilder();

        Assert.False(second.Remove("b"));

        Assert.Same(map, second.ToMap());
    }

    [Fact]
    public void Builder_UsedAfterToMap_LeavesThatMapAlone()
    {
        PersistentMap<string, int>.Builder builder = PersistentMap<string, int>.Empty.ToBuilder();
        builder.Set("a", 1);
        PersistentMap<string, int> first = builder.ToMap();

        builder.Set("a", 2);
        builder.Remove("b");
        PersistentMap<string, int> second = builder.ToMap();

        Assert.Equal(1, first.GetValueOrDefault("a"));
        Assert.Equal(2, second.GetValueOrDefault("a"));
    }

    [Fact]
    public void Empty_Asked_KnowsNothing()
    {
        Assert.False(PersistentMap<string, int>.Empty.TryGetValue("a", out _));
        Assert.Empty(PersistentMap<string, int>.Empty.Entries());
    }

    private static void AssertSame<TKey>(Dictionary<TKey, int> expected, PersistentMap<TKey, int> map)
        where TKey : notnull, IEquatable<TKey>
    {
        Assert.Equal(expected.Count, map.Count);
        Assert.All(expected, entry => Assert.True(map.TryGetValue(entry.Key, out int value) && value == entry.Value));
        Assert.Equal(expected, map.Entries().ToDictionary());
    }

    // 40 keys, 4 hashes, of which two differ in their highest bits only.
    private readonly record struct Clash(int Value)
    {
        private static readonly uint[] s_hashes = [0, 1, 0x8000_0001, 0x4000_0001];

        public override int GetHashCode() => (int)s_hashes[Value % 4];
    }

    private readonly struct ClashMatch(int value) : IKeyMatch<Clash>
    {
        public uint Hash => (uint)new Clash(value).GetHashCode();

        public bool Matches(Clash key) => key.Value == value;
    }
}
