namespace Sip.B2bua.Plugins.SqliteMessages;

/// <summary>The settings of the message store <c>sqlite</c>; they stand in <c>[module::Router]</c>.</summary>
internal sealed class SqliteMessagesOptions
{
    [Setting("Keeps messages for absent users in a file, so that they survive a restart; otherwise they are kept in memory.")]
    public bool MessageDatabaseEnabled { get; init; } = true;

    [Setting("The file of the messages, made when it is missing. Empty: messages.db in the state-directory of [global].")]
    public string MessageDatabaseFile { get; init; } = "";
}
