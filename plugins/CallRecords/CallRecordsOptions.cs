namespace Sip.B2bua.Plugins.CallRecords;

/// <summary>The settings of <c>[module::CallRecords]</c>.</summary>
internal sealed class CallRecordsOptions : ICheckedOptions
{
    [Setting("The file that gets one line of JSON for each call. It may be moved away at any time: the next record begins a new one. Empty: "
        + "no such file.")]
    public string File { get; init; } = "/var/lib/sip-b2bua/calls.jsonl";

    [Setting("The SQLite database with the tables calls and legs, made when it is missing. Empty: no database.")]
    public string Database { get; init; } = "/var/lib/sip-b2bua/calls.db";

    [Setting("How long the database keeps a call. 0: for ever.", Unit = "d")]
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(90);

    [Setting("How many records may wait for the disk; further ones are dropped, counted and reported.", Min = 1)]
    public int MaxQueue { get; init; } = 10_000;

    public IEnumerable<SettingFault> Check()
    {
        if (File.Length == 0 && Database.Length == 0)
        {
            yield return new SettingFault("file", "with neither file nor database there is nowhere to write; disable the module instead");
        }
    }
}
