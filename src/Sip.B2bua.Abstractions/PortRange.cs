namespace Sip.B2bua;

/// <summary>A range of ports, both ends included; one port when they are equal. Written <c>n</c> or <c>min-max</c>.</summary>
/// <param name="Min">The lowest port.</param>
/// <param name="Max">The highest port.</param>
public readonly record struct PortRange(int Min, int Max)
{
    /// <summary>How many ports the range holds.</summary>
    public int Count => Max - Min + 1;

    /// <summary>Whether the range holds <paramref name="port"/>.</summary>
    /// <param name="port">The port asked for.</param>
    /// <returns>True when it lies between the ends, or on one.</returns>
    public bool Contains(int port) => port >= Min && port <= Max;

    /// <summary>The range as it is written in the configuration file.</summary>
    /// <returns><c>n</c> or <c>min-max</c>.</returns>
    public override string ToString() => Min == Max ? $"{Min}" : $"{Min}-{Max}";
}
