using Ztunnel.Identity;

namespace Ztunnel.Tests.Identity;

public sealed class SpiffeIdTests
{
    [Fact]
    public void Parse_WellFormed_GivesPartsAndText()
    {
        SpiffeId id = SpiffeId.Parse("spiffe://cluster.local/ns/shop/sa/cart");

        Assert.Equal("cluster.local", id.TrustDomain);
        Assert.Equal("shop", id.Namespace);
        Assert.Equal("cart", id.ServiceAccount);
        Assert.Equal("spiffe://cluster.local/ns/shop/sa/cart", id.ToString());
        Assert.Equal("cluster.local/ns/shop/sa/cart", id.Principal.ToString());
        Assert.Equal(new SpiffeId("cluster.local", "shop", "cart"), id);
        Assert.Equal(new SpiffeId("cluster.local", "shop", "cart").GetHashCode(), id.GetHashCode());
    }

    [Theory]
    [InlineData("spiffe:///ns//sa/")]
    [InlineData("spiffe://td/ns/a%2Fb/sa/C")]
    public void TryParse_EmptyPartsOrEscapes_AreTakenVerbatim(string text)
    {
        Assert.True(SpiffeId.TryParse(text, out SpiffeId? id));
        Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("spiffe://")]
    [InlineData("SPIFFE://td/ns/a/sa/b")]
    [InlineData("spiffe:/td/ns/a/sa/b")]
    [InlineData("spiffe://td/ns/a/sa")]
    [InlineData("spiffe://td/ns/a/sa/b/")]
    [InlineData("spiffe://td/ns/a/sa/b/c")]
    [InlineData("spiffe://td/NS/a/sa/b")]
    [InlineData("spiffe://td/sa/a/ns/b")]
    [InlineData(" spiffe://td/ns/a/sa/b")]
    public void Parse_Malformed_NamesTheText(string text)
    {
        Assert.False(SpiffeId.TryParse(text, out _));
        FormatException thrown = Assert.Throws<FormatException>(() => SpiffeId.Parse(text));
        Assert.Equal($"invalid spiffe identity: {text}", thrown.Message);
    }

    [Fact]
    public void Equals_AnyPartDiffers_IsFalse()
    {
        var id = new SpiffeId("td", "ns", "sa");

        Assert.True(id == new SpiffeId("td", "ns", "sa"));
        Assert.True(id != new SpiffeId("TD", "ns", "sa"));
        Assert.True(id != new SpiffeId("td", "other", "sa"));
        Assert.True(id != new SpiffeId("td", "ns", "other"));
        Assert.True(id != null);
        Assert.False(id.Equals("spiffe://td/ns/ns/sa/sa"));
    }

    [Fact]
    public void TryParse_EveryCutAndRandomText_NeverThrows()
    {
        const string whole = "spiffe://cluster.local/ns/shop/sa/cart";
        for (int cut = 0; cut <= whole.Length; cut++)
        {
            bool parsed = SpiffeId.TryParse(whole[..cut], out SpiffeId? id);
            Assert.Equal(cut >= whole.Length - "cart".Length, parsed);
            Assert.Equal(parsed, id is not null);
        }

        var random = new Random(7);
        for (int i = 0; i < 5000; i++)
        {
            char[] text = whole.ToCharArray();
            for (int change = 0; change < 3; change++)
            {
                text[random.Next(text.Length)] = "/:anse%\0"[random.Next(8)];
            }

            string changed = new(text);
            Assert.Equal(IsSpiffe(changed), SpiffeId.TryParse(changed, out _));
        }
    }

    [Fact]
    public void WorkloadInfo_ToString_IsTheErrorForm() =>
        Assert.Equal("cart.shop (cart-0)", new WorkloadInfo("cart-0", "shop", "cart").ToString());

    private static bool IsSpiffe(string text)
    {
        string[] parts = text.Split('/');
        return parts is ["spiffe:", "", _, "ns", _, "sa", _];
    }
}
