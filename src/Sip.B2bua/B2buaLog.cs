using Microsoft.Extensions.Logging;
using Sip.Transports;

namespace Sip.B2bua;

/// <summary>Every log message of this assembly.</summary>
internal static partial class B2buaLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "module {Module} takes part: {Stage} {Order}, from {Path}")]
    public static partial void ModuleStarted(ILogger logger, string module, Stage stage, int order, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "module {Module} failed in {Member}; this request or call alone suffers")]
    public static partial void ModuleFailed(ILogger logger, string module, string member, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "module {Module} blocked the loop for {Milliseconds} ms in {Member}; it must await instead")]
    public static partial void ModuleBlocked(ILogger logger, string module, long milliseconds, string member);

    [LoggerMessage(Level = LogLevel.Information, Message = "call {Id} {Caller} -> {Called}: {Code}, ended by {EndedBy} ({Reason}) after {Seconds} s; {Trail}")]
    public static partial void CallEnded(
        ILogger logger, string id, string caller, string called, int code, string endedBy, string reason, int seconds, DecisionTrail trail);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} {Sender} -> {RequestUri} from {Source} refused: {Code} {Reason}; {Trail}")]
    public static partial void RequestRefused(
        ILogger logger, string method, string sender, string requestUri, SipAddress source, int code, string reason, DecisionTrail trail);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} {Sender} -> {RequestUri} from {Source}: {Code} {Reason}; {Trail}")]
    public static partial void RequestCarried(
        ILogger logger, string method, string sender, string requestUri, SipAddress source, int code, string reason, DecisionTrail trail);

    [LoggerMessage(Level = LogLevel.Information, Message = "subscription {Title}: {Code}, ended ({Reason}) after {Seconds} s; {Trail}")]
    public static partial void SubscriptionEnded(ILogger logger, string title, int code, string reason, long seconds, DecisionTrail trail);

    [LoggerMessage(Level = LogLevel.Information, Message = "MESSAGE {Sender} -> {Address}, kept until now, to {Device}: {Code} {Reason}; {Trail}")]
    public static partial void MessageDelivered(
        ILogger logger, string sender, string address, string device, int code, string reason, DecisionTrail trail);

    [LoggerMessage(Level = LogLevel.Information, Message = "ended {Subscriptions} subscriptions, for the server stops")]
    public static partial void SubscriptionsEnded(ILogger logger, int subscriptions);

    [LoggerMessage(Level = LogLevel.Error, Message = "a fault of the server in {Where}; one request or call alone suffers")]
    public static partial void Fault(ILogger logger, string where, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "stopped with {Calls} calls left")]
    public static partial void CallsLeft(ILogger logger, int calls);

    [LoggerMessage(Level = LogLevel.Error, Message = "module {Module} failed to stop; the others are stopped nevertheless")]
    public static partial void ModuleStopFailed(ILogger logger, string module, Exception exception);
}
