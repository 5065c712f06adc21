namespace Sip;

/// <summary>Whoever has something to finish at the end of a loop's turn, such as sending the datagrams it collected.</summary>
public interface ITurnEnd
{
    /// <summary>Called once, at the end of the turn in which it asked for it (<see cref="EventLoop.AtTurnEnd"/>).</summary>
    void OnTurnEnd();
}
