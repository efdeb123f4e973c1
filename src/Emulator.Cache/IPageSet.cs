using Emulator.Ftl;

namespace Emulator.Cache;

/// <summary>Pages that belong together, such as those of a namespace.</summary>
public interface IPageSet
{
    bool Contains(LogicalPage page);
}
