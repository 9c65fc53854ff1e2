using Ztunnel.Linux;

namespace Ztunnel.Load.Generators;

/// <summary>Owner of a socket on a <see cref="LoadLoop"/>.</summary>
internal interface ILoadHandler
{
    void OnEvents(EpollEvents events);
}
