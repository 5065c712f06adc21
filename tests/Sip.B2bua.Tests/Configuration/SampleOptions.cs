using Sip.B2bua.Configuration;

namespace Sip.B2bua.Tests.Configuration;

/// <summary>One setting of each type.</summary>
internal sealed class SampleOptions : ICheckedOptions
{
    public enum Colour
    {
        Red,
        DarkBlue,
    }

    [Setting("A switch.")]
    public bool Flag { get; set; } = true;

    [Setting("A number.", Min = 1, Max = 10)]
    public int Number { get; set; } = 5;

    [Setting("A large number.")]
    public long Large { get; set; } = 1L << 40;

    [Setting("A text.")]
    public string Text { get; set; } = "as it is";

    [Setting("A word.", Words = ["tcp", "udp"])]
    public string Word { get; set; } = "tcp";

    [Setting("A list.")]
    public IReadOnlyList<string> List { get; set; } = ["a", "b"];

    [Setting("A list of words.", Words = ["MD5", "SHA-256"])]
    public IReadOnlyList<string> Algorithms { get; set; } = ["MD5"];

    [Setting("Another list's words.")]
    public IReadOnlyList<string> Referring { get; set; } = ["${module::Sample/list}"];

    [Setting("A duration.", Unit = "ms", Min = "10ms", Max = "1h")]
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(60);

    [Setting("A range.", Fallback = "ports-min ports-max")]
    public PortRange Ports { get; set; } = new(1024, 65535);

    [Setting("A colour.")]
    public Colour Paint { get; set; } = Colour.DarkBlue;

    [Setting("A condition.")]
    public BooleanExpression No403 { get; set; } = BooleanExpression.Default("user-agent contains 'x'");

    [Setting("A file.", Fallback = "datasource")]
    public string FilePath { get; set; } = "";

    [Setting("Of yesterday.", Deprecated = "use flag")]
    public bool Old { get; set; }

    [Setting("Kept from Flexisip.", Name = "redis_password")]
    public string Secret { get; set; } = "";

    public static IReadOnlyList<SectionSchema> Schemas { get; } =
    [
        SectionSchema.Plain(ServerOptions.Section, ServerOptions.SectionHelp, typeof(ServerOptions)),
        SectionSchema.Module("Sample", "Shows every type.", true, [typeof(SampleOptions)]),
    ];

    public static BoundConfiguration Bind(string text, params IReadOnlyList<IniEntry> overrides) =>
        OptionsBinder.Bind(Schemas, FlexisipIni.FromText("x.conf", text), overrides);

    public IEnumerable<SettingFault> Check()
    {
        if (Number == 7)
        {
            yield return new SettingFault("number", "must not be seven");
        }
    }
}
