using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Reservations that persist through a loss of power (Base 2.1, 8.1.22.9).</summary>
public sealed partial class Reservations
{
    /// <summary>PTPL: registrations and the reservation outlive the power.</summary>
    public bool Persists { get; internal set; }

    internal void WriteTo(ref MetadataWriter writer)
    {
        if (!Persists)
            return;
        int begun = writer.Begin(MetadataTag.Reservations);
        writer.Number(MetadataTag.Generation, Generation);
        writer.Number(MetadataTag.Type, (ulong)Type);
        writer.Identifier(MetadataTag.Holder, _holder);
        foreach (Registrant registrant in _registrants)
        {
            writer.Identifier(MetadataTag.Registrant, registrant.HostId);
            writer.Number(MetadataTag.Key, registrant.Key);
        }

        writer.End(begun);
    }

    /// <summary>Nothing is there of reservations that did not persist.</summary>
    internal void ReadFrom(MetadataReader reader)
    {
        UInt128 registrant = 0;
        while (reader.Next())
        {
            Persists = true;
            switch (reader.Tag)
            {
                case MetadataTag.Generation:
                    Generation = (uint)reader.Number;
                    break;
                case MetadataTag.Type:
                    Type = (ReservationType)reader.Number;
                    break;
                case MetadataTag.Holder:
                    _holder = reader.Identifier;
                    break;
                case MetadataTag.Registrant:
                    registrant = reader.Identifier;
                    break;
                case MetadataTag.Key:
                    _registrants.Add(new Registrant(registrant, reader.Number));
                    break;
                default:
                    throw reader.Unknown();
            }
        }
    }
}
