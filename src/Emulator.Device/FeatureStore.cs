using System.Runtime.InteropServices;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Current and saved values of the features of one scope, one dword each (Base 2.1, 4.4).</summary>
internal sealed class FeatureStore
{
    private readonly Dictionary<(FeatureId Feature, byte Part), uint> _current = [];
    private readonly Dictionary<(FeatureId Feature, byte Part), uint> _saved = [];

    /// <param name="part">Which of several values a feature has, as its dword 11 selects; 0 where there is one.</param>
    /// <param name="otherwise">The default value.</param>
    public uint Current(FeatureId feature, byte part, uint otherwise) =>
        _current.GetValueOrDefault((feature, part), otherwise);

    /// <summary>A feature that has no saved value has its default value for that.</summary>
    public uint Saved(FeatureId feature, byte part, uint otherwise) =>
        _saved.GetValueOrDefault((feature, part), otherwise);

    public bool IsSaved(FeatureId feature, byte part) => _saved.ContainsKey((feature, part));

    public void Set(FeatureId feature, byte part, uint value, bool save)
    {
        _current[(feature, part)] = value;
        if (save)
            _saved[(feature, part)] = value;
    }

    /// <summary>Takes over a value from another drive.</summary>
    /// <param name="saved">Null if there it was not saved.</param>
    public void TakeOver(FeatureId feature, byte part, uint current, uint? saved)
    {
        _current[(feature, part)] = current;
        if (saved is { } value)
            _saved[(feature, part)] = value;
        else
            _saved.Remove((feature, part));
    }

    internal void WriteTo(ref MetadataWriter writer)
    {
        if (_saved.Count == 0)
            return;
        var entries = new List<uint>();
        foreach (((FeatureId feature, byte part), uint value) in _saved.OrderBy(saved => saved.Key))
            entries.AddRange([(uint)feature, part, value]);
        writer.Bytes(MetadataTag.SavedFeatures, MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(entries)));
    }

    /// <summary>What was saved becomes current, as with every reset.</summary>
    internal void ReadFrom(ReadOnlySpan<byte> saved)
    {
        ReadOnlySpan<uint> entries = MemoryMarshal.Cast<byte, uint>(saved);
        for (int i = 0; i + 2 < entries.Length; i += 3)
            _saved[((FeatureId)entries[i], (byte)entries[i + 1])] = entries[i + 2];
        Reset();
    }

    /// <summary>A reset of what the scope is: saved values become current, the others go back to their defaults.</summary>
    public void Reset()
    {
        _current.Clear();
        foreach (((FeatureId, byte) feature, uint value) in _saved)
            _current[feature] = value;
    }
}
