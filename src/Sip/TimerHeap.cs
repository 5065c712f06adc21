namespace Sip;

/// <summary>A binary heap of timers that know their own index, so that any of them can be taken out without a search.</summary>
internal sealed class TimerHeap
{
    private LoopTimer?[] items = new LoopTimer?[256];
    private int count;

    public LoopTimer? First => items[0];

    public void Add(LoopTimer timer)
    {
        if (count == items.Length)
        {
            Array.Resize(ref items, count * 2);
        }

        Rise(timer, count++);
    }

    public void Remove(LoopTimer timer)
    {
        int index = timer.Index;
        LoopTimer last = items[--count]!;
        items[count] = null;
        if (index == count)
        {
            return;
        }

        // The last timer fills the hole; it may belong higher or lower than there.
        if (index > 0 && last.IsBefore(items[(index - 1) / 2]!))
        {
            Rise(last, index);
        }
        else
        {
            Sink(last, index);
        }
    }

    private void Rise(LoopTimer timer, int index)
    {
        while (index > 0)
        {
            int parent = (index - 1) / 2;
            LoopTimer above = items[parent]!;
            if (!timer.IsBefore(above))
            {
                break;
            }

            Put(above, index);
            index = parent;
        }

        Put(timer, index);
    }

    private void Sink(LoopTimer timer, int index)
    {
        while (true)
        {
            int child = (2 * index) + 1;
            if (child >= count)
            {
                break;
            }

            if (child + 1 < count && items[child + 1]!.IsBefore(items[child]!))
            {
                child++;
            }

            LoopTimer below = items[child]!;
            if (!below.IsBefore(timer))
            {
                break;
            }

            Put(below, index);
            index = child;
        }

        Put(timer, index);
    }

    private void Put(LoopTimer timer, int index)
    {
        items[index] = timer;
        timer.Index = index;
    }
}
