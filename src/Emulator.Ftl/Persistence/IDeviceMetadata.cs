namespace Emulator.Ftl.Persistence;

/// <summary>What the device has kept on the medium beside its pages; the translation layer does not look into it.</summary>
public interface IDeviceMetadata
{
    /// <summary>Writes all of it, as it is now.</summary>
    /// <returns>Bytes written; -1 if there is not enough room.</returns>
    int WriteTo(Span<byte> destination);
}
