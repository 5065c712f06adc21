namespace Sip.Dialogs;

/// <summary>The texts that a dialog keeps, in the order in which they stand in its block.</summary>
internal enum DialogPiece : byte
{
    CallId,
    LocalTag,
    RemoteTag,
    LocalAddress,
    RemoteAddress,
    LocalContact,
    RouteSet,
    RemoteTarget,
}
