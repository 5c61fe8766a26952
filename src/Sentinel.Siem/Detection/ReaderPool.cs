namespace Sentinel.Siem.Detection;

/// <summary>
/// Several readers at work on parts of files ahead of whoever puts them in order, who reads too while the
/// part that comes next is not ready: with one reader there is no other thread.
/// </summary>
sealed class ReaderPool : IDisposable
{
    readonly EventReader own;
    readonly Queue<ReadTask> ahead = new();
    readonly List<Thread> threads = [];
    Exception? failure;
    bool isClosed;

    public ReaderPool(int readers, Func<EventReader> create)
    {
        own = create();
        for (var i = 1; i < readers; i++)
        {
            var reader = create();
            threads.Add(new Thread(() => Work(reader)) { IsBackground = true });
        }
        foreach (var thread in threads)
            thread.Start();
    }

    /// <summary>To be read when there is time; <see cref="Finish"/> gets it done.</summary>
    public void ReadAhead(ReadTask task)
    {
        if (threads.Count == 0)
            return;
        lock (ahead)
        {
            ahead.Enqueue(task);
            Monitor.Pulse(ahead);
        }
    }

    public FoundEvents Finish(ReadTask task)
    {
        if (task.Claim())
            task.Run(own);
        while (!task.IsDone && TryTakeAhead() is { } other)
            if (other.Claim())
                other.Run(own);
        task.AwaitDone();
        return failure is null
            ? task.Found
            : throw new InvalidOperationException("Reading ahead failed.", failure);
    }

    public void Dispose()
    {
        lock (ahead)
        {
            isClosed = true;
            Monitor.PulseAll(ahead);
        }
        foreach (var thread in threads)
            thread.Join();
    }

    void Work(EventReader reader)
    {
        while (Next() is { } task)
        {
            if (!task.Claim())
                continue;
            try
            {
                task.Run(reader);
            }
            catch (Exception e)
            {
                // Told to whoever waits for the task: a thread has nobody else to tell.
                failure = e;
                task.Abandon();
            }
        }
    }

    ReadTask? TryTakeAhead()
    {
        lock (ahead)
            return ahead.TryDequeue(out var task) ? task : null;
    }

    ReadTask? Next()
    {
        lock (ahead)
        {
            while (ahead.Count == 0 && !isClosed)
                Monitor.Wait(ahead);
            return isClosed ? null : ahead.Dequeue();
        }
    }
}
