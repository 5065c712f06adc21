namespace Sip.B2bua;

/// <summary>
/// An options class that can tell whether its values fit each other. The host asks after all values were read; a fault stops
/// the start, or keeps the old settings when the file was read again.
/// </summary>
public interface ICheckedOptions
{
    /// <summary>Finds every fault, not only the first.</summary>
    /// <returns>The faults; none when all is well.</returns>
    IEnumerable<SettingFault> Check();
}
