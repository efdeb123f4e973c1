using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.Device;

/// <summary>What namespaces do to their pages, and the keys of those that encrypt.</summary>
public sealed partial class NamespaceTable
{
    /// <summary>
    /// Null for a namespace that transforms nothing. On a medium that persists it has a codec all the same, since other
    /// settings may have held when its pages were written.
    /// </summary>
    private NamespaceTransform? CreateTransform(
        PageTransforms transforms, NamespaceIdentity identity, NamespaceMap map)
    {
        Check.That(transforms.IsNone || _options.Codecs != null);
        if (_transforms == null || (transforms.IsNone && !_stored.Persists))
            return null;

        var transform = new NamespaceTransform(transforms, _options.Codecs!.Create(transforms, identity.Nguid));
        for (int i = 0; i < map.SegmentCount; i++)
            _transforms.Assign(map.Segments[i], transform, (uint)i);
        return transform;
    }

    /// <summary>
    /// The configuration says it of the namespaces that it makes, and may say something else than before. One that a host
    /// created stays as it is.
    /// </summary>
    private PageTransforms TransformsOf(NamespaceRecord record)
    {
        if (record.IsConfigured)
            return record.Nsid <= _options.Namespaces.Count ? _options.Namespaces[(int)record.Nsid - 1].Transforms : default;
        if (record.Transforms.ParityBytes > _stored.ParityBytes || (record.Transforms.IsEncrypted && record.KeyIdentifier == 0))
            throw MetadataReader.Damaged($"namespace {record.Nsid} cannot have been transformed as it says");
        return record.Transforms;
    }

    /// <summary>0 without a secret.</summary>
    private UInt128 KeyIdentifierOf(NamespaceIdentity identity) => _options.Codecs?.KeyIdentifierOf(identity.Nguid) ?? 0;

    /// <summary>The key of a namespace that is on the medium, which must be the one that its pages were encrypted with.</summary>
    /// <exception cref="MediumException">It is another one: what would be read is noise.</exception>
    private UInt128 CheckKey(NamespaceRecord record, PageTransforms transforms, NamespaceIdentity identity)
    {
        UInt128 key = KeyIdentifierOf(identity);
        if (record.KeyIdentifier == 0)
            return transforms.IsEncrypted ? key : 0;
        if (key == record.KeyIdentifier)
            return key;
        string found = key == 0 ? "no 'secret' is configured" : $"the configured 'secret' gives key {Describe(key)}";
        throw new MediumException(
            $"namespace {record.Nsid} of {_options.MediumName} is encrypted with key {Describe(record.KeyIdentifier)}, {found}; "
            + "configure the secret that it was written with, or have the medium formatted anew");
    }

    /// <summary>In the order of the digest's bytes, as <c>Read Stored Pages</c> transfers them.</summary>
    internal static string Describe(UInt128 keyIdentifier)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, keyIdentifier);
        return Convert.ToHexStringLower(bytes);
    }
}
