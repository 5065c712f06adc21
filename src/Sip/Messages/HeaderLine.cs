namespace Sip.Messages;

/// <summary>Where one header line lies in its message.</summary>
internal struct HeaderLine
{
    /// <summary>Offset of the name.</summary>
    public int NameStart;

    /// <summary>Offset of the value, white space in front cut.</summary>
    public int ValueStart;

    /// <summary>Length of the value, white space behind cut; folds are inside.</summary>
    public int ValueLength;

    /// <summary>Length of the name, white space before the colon cut.</summary>
    public ushort NameLength;

    /// <summary>Which header it is.</summary>
    public HeaderId Id;
}
