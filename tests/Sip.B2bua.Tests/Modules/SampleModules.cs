using System.Composition;
using Microsoft.Extensions.Logging;

// Parts are made by the composition, and looked at by tests only.
#pragma warning disable CA1812

namespace Sip.B2bua.Tests.Modules;

[SipModule("Unshared", Stage.Serve, 10)]
internal sealed class UnsharedModule : SipModule;

[SipModule("NoModule", Stage.Serve, 10), Shared]
internal sealed class NoModule;

internal sealed class ChoosingOptions
{
    [Setting("Which store."), Chooses(typeof(ILocationService))]
    public string LocationService { get; set; } = "red";

    [Setting("Whose users are ours."), DeclaresDomains]
    public IReadOnlyList<string> Domains { get; set; } = ["example.org"];
}

internal sealed class RedOptions
{
    [Setting("How many.")]
    public int Shelves { get; set; } = 3;
}

/// <summary>Imports everything that the host gives.</summary>
[SipModule("Choosing", Stage.Serve, 10, Options = typeof(ChoosingOptions)), Shared]
[method: ImportingConstructor]
internal sealed class ChoosingModule(
    ISettings<ChoosingOptions> settings, ILocationService location, ILocalDomains domains, IRequestSender sender, TimeProvider time,
    ILoggerFactory loggers, ILogger<ChoosingModule> logger) : SipModule
{
    public object[] Imports => [settings, location, domains, sender, time, loggers, logger];

    public ILocationService Location => location;

    public ISettings<ChoosingOptions> Settings => settings;
}

[SipModule("Reading", Stage.Route, 10), Shared]
[method: ImportingConstructor]
internal sealed class ReadingModule(ILocationService location) : SipModule
{
    public ILocationService Location => location;
}

[Store(typeof(ILocationService), "red", Options = typeof(RedOptions), Section = "module::Choosing"), Shared]
[method: ImportingConstructor]
internal sealed class RedStore(ISettings<RedOptions> settings) : EmptyStore
{
    public int Shelves => settings.Value.Shelves;
}

[Store(typeof(ILocationService), "blue"), Shared]
internal sealed class BlueStore : EmptyStore;

internal abstract class EmptyStore : ILocationService
{
    public event Action<string>? Changed;

    public ValueTask<LocationRecord> FetchAsync(string addressOfRecord, CancellationToken cancellation = default) => new(LocationRecord.Empty);

    public ValueTask<bool> TryStoreAsync(
        string addressOfRecord, LocationRecord read, IReadOnlyList<Binding> bindings, CancellationToken cancellation = default)
    {
        Changed?.Invoke(addressOfRecord);
        return new(true);
    }
}

[SipModule("Hungry", Stage.Serve, 20), Shared]
[method: ImportingConstructor]
internal sealed class HungryModule(IDisposable nobodyExportsThis) : SipModule
{
    public IDisposable Import => nobodyExportsThis;
}

[SipModule("Failing", Stage.Serve, 30), Shared]
internal sealed class FailingModule : SipModule
{
    public FailingModule() => throw new InvalidOperationException("the file users.txt is not there");
}

/// <summary>Writes down when it is started and stopped.</summary>
internal abstract class DiaryModule : SipModule
{
    public static AsyncLocal<List<string>?> Diary { get; } = new();

    protected virtual string? StartFault => null;

    public override ValueTask StartAsync(CancellationToken cancellation)
    {
        Diary.Value?.Add("start " + GetType().Name);
        return StartFault is string fault ? throw new InvalidOperationException(fault) : ValueTask.CompletedTask;
    }

    public override ValueTask OnStoppingAsync(CancellationToken cancellation)
    {
        Diary.Value?.Add("farewell of " + GetType().Name);
        return GetType() == typeof(Second) ? throw new InvalidOperationException("nobody listens") : ValueTask.CompletedTask;
    }

    public override ValueTask StopAsync(CancellationToken cancellation)
    {
        Diary.Value?.Add("stop " + GetType().Name);
        return ValueTask.CompletedTask;
    }
}

[SipModule("First", Stage.Guard, 10), Shared]
internal sealed class First : DiaryModule;

[SipModule("Second", Stage.Guard, 20), Shared]
internal sealed class Second : DiaryModule;

[SipModule("Third", Stage.Authenticate, 5), Shared]
internal sealed class Third : DiaryModule;

[SipModule("Refusing", Stage.Authenticate, 1), Shared]
internal sealed class Refusing : DiaryModule
{
    protected override string StartFault => "no certificate";
}

[SipModule("Scriptless", Stage.Serve, 40), Shared]
internal sealed class ScriptlessModule : SipModule
{
    public override ValueTask<Verdict> OnRequestAsync(RequestContext context) => new(Verdict.Continue);
}
