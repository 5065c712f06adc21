namespace Sip.B2bua.Plugins.Trunks;

/// <summary>The settings of section <c>[module::Trunks]</c>.</summary>
internal sealed class TrunksOptions
{
    [Setting("The file of trunks: other SIP servers that this one registers at, calls through, and takes calls from. One section for each "
        + "trunk, such as [provider], with keys of its own; docs/configuration.md has them all. Read again when it changes. Empty: no trunks.")]
    public string TrunksFile { get; init; } = "";
}
