namespace Sip.B2bua.Plugins.Registrar;

/// <summary>What one REGISTER asks for, read and checked.</summary>
internal sealed class Registration
{
    /// <summary>The address-of-record that it is about.</summary>
    public required string AddressOfRecord { get; init; }

    /// <summary>Its Call-ID.</summary>
    public required string CallId { get; init; }

    /// <summary>Its CSeq.</summary>
    public required uint CSeq { get; init; }

    /// <summary>When it came.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The Contacts other than <c>*</c>.</summary>
    public List<IncomingContact> Contacts { get; } = new(1);

    /// <summary>How many Contacts are <c>*</c>.</summary>
    public int Stars { get; set; }

    /// <summary>What a fault of its Contacts is answered with.</summary>
    public int FaultCode { get; set; } = 400;

    /// <summary>Whether a binding was made by the rules of RFC 5626.</summary>
    public bool UsesOutbound { get; set; }

    /// <summary>Whether the answer tells of GRUUs (RFC 5627 5.3).</summary>
    public bool WantsGruu { get; init; }

    /// <summary>Whether a NAT stands between the phone and us.</summary>
    public bool IsBehindNat { get; set; }

    /// <summary>Whether it only asks for the bindings (RFC 3261 §10.2.3).</summary>
    public bool IsFetch => Stars == 0 && Contacts.Count == 0;
}
