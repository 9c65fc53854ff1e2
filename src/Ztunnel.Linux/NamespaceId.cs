namespace Ztunnel.Linux;

/// <summary>
/// What makes two descriptors the same namespace: the inode, and the device of nsfs it is an inode of.
/// </summary>
public readonly record struct NamespaceId(ulong Device, ulong Inode);
