using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sentinel.Workflows.Execution;

/// <summary>
/// The same for every attempt of one execution: derived, never drawn. It says which round of which activity,
/// not the how-manieth thing that ran: after a crash, answers may be taken in another order.
/// </summary>
static class ExecutionKey
{
    public static Guid Of(Guid instanceId, string activityId, int round)
    {
        var activity = Encoding.UTF8.GetBytes(activityId);
        Span<byte> subject = new byte[20 + activity.Length];
        instanceId.TryWriteBytes(subject, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(subject[16..], round);
        activity.CopyTo(subject[20..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(subject, hash);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
