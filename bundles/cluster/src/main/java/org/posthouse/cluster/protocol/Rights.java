// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this node may do for others that are away, as of the last renewals. Can be asked on any thread: what it says ends
 * by the clocks, so an old one says less, never too much.
 *
 * @param life the life of this node; 0 while it has none
 * @param first whether this process began the first life that this node ever had, on whatever disk
 * @param lease the lease of this life
 * @param settled when, by the monotonic clock, this life has had the lease for so long that whoever stood in for an
 *     earlier life has stopped; {@link Long#MAX_VALUE} before it had the lease
 * @param absent members that a majority knows to be fenced
 * @param needless whether nobody can be fenced in this cluster, so that nobody ever stands in for anybody
 */
public record Rights(
        long life, boolean first, Term lease, long settled, Map<String, Absence> absent, boolean needless) {
    /** Those of a node that has no life yet. */
    public static final Rights NONE = new Rights(0, false, Term.NONE, Long.MAX_VALUE, Map.of(), false);

    public Rights {
        absent = Map.copyOf(absent);
    }

    /** Whether nobody else stands in for this node now. */
    public boolean own(Clocks clocks) {
        return life > 0 && clocks.monotonic() >= settled && (needless || lease.holds(clocks));
    }

    /** Since when a majority has known the member to be fenced, by the monotonic clock, or -1 when it is not known now. */
    public long out(String member, Clocks clocks) {
        @Nullable Absence absence = absent.get(member);
        return absence != null && absence.term().holds(clocks) ? absence.since() : -1;
    }

    /**
     * Since when this node has stood in for somebody of whom these come first, one after the other: all of them are known
     * to be fenced. At no moment may two nodes say so for one list in one order.
     *
     * @return -1 when it does not
     */
    public long deputy(List<String> before, Clocks clocks) {
        if (!own(clocks)) {
            return -1;
        }
        long since = settled;
        for (String member : before) {
            long out = out(member, clocks);
            if (out < 0) {
                return -1;
            }
            since = Math.max(since, out);
        }
        return since;
    }
}
