using System.Globalization;

namespace Ztunnel.Load.Figures;

/// <summary>What a figure of ours is to be, as a multiple of the other implementation's in the same run.</summary>
/// <param name="IsFloor">More is better: at least this; otherwise at most.</param>
internal sealed record Goal(double Ratio, bool IsFloor)
{
    public static Goal AtLeast(double ratio) => new(ratio, IsFloor: true);

    public static Goal AtMost(double ratio) => new(ratio, IsFloor: false);

    public bool IsMetBy(double ratio) => IsFloor ? ratio >= Ratio : ratio <= Ratio;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(IsFloor ? '≥' : '≤')} {Ratio}");
}
