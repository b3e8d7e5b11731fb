// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.arc;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.posthouse.api.Header;

/**
 * The sets of a message by instance: a whole set for each from 1 to the last.
 *
 * @param sets the sets, that of instance 1 first
 */
record Chain(List<ArcSet> sets) {
    Chain {
        sets = List.copyOf(sets);
    }

    /** Whether a message has anything of a chain. */
    static boolean isIn(List<Header> fields) {
        return fields.stream().anyMatch(ArcSet::isOne);
    }

    /**
     * Puts the sets together (RFC 8617 5.2, step 3).
     *
     * @throws BrokenChain when a field has no instance, stands twice, or one is missing
     */
    static Chain of(List<Header> fields) throws BrokenChain {
        Map<Integer, Header> results = new HashMap<>();
        Map<Integer, Header> signatures = new HashMap<>();
        Map<Integer, Header> seals = new HashMap<>();
        for (Header field : fields) {
            if (field.is(ArcSet.RESULTS)) {
                put(results, field);
            } else if (field.is(ArcSet.SIGNATURE)) {
                put(signatures, field);
            } else if (field.is(ArcSet.SEAL)) {
                put(seals, field);
            }
        }
        List<ArcSet> sets = new ArrayList<>();
        for (int i = 1; i <= Math.max(results.size(), Math.max(signatures.size(), seals.size())); i++) {
            Header result = results.get(i);
            Header signature = signatures.get(i);
            Header seal = seals.get(i);
            if (result == null || signature == null || seal == null) {
                throw new BrokenChain("set " + i + " is not whole");
            }
            sets.add(new ArcSet(result, signature, seal));
        }
        return new Chain(sets);
    }

    private static void put(Map<Integer, Header> byInstance, Header field) throws BrokenChain {
        OptionalInt instance = Instances.of(field);
        if (instance.isEmpty()) {
            throw new BrokenChain("a field without an instance from 1 to " + Instances.MOST);
        }
        if (byInstance.put(instance.getAsInt(), field) != null) {
            throw new BrokenChain("two fields of one kind and instance");
        }
    }

    /** The highest instance that any field has, whatever else is wrong; 0 when none has one. */
    static int highest(List<Header> fields) {
        return fields.stream()
                .filter(ArcSet::isOne)
                .map(Instances::of)
                .flatMapToInt(OptionalInt::stream)
                .max()
                .orElse(0);
    }

    /** Whether the last hop said itself that the chain was broken: then there is nothing to add (RFC 8617 5.1). */
    static boolean isOver(List<Header> fields) {
        int last = highest(fields);
        return fields.stream()
                .filter(field -> field.is(ArcSet.SEAL) && Instances.of(field).equals(OptionalInt.of(last)))
                .anyMatch(Seal::saysFail);
    }

    int length() {
        return sets.size();
    }

    ArcSet set(int instance) {
        return sets.get(instance - 1);
    }
}
