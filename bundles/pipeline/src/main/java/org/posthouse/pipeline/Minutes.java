// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

import java.util.ArrayList;
import java.util.List;

/** All that hooks said in one session or transaction, in order; bounded, so that ten thousand recipients cost no heap. */
final class Minutes {
    private static final int MOST = 1000;

    private final List<HookAnswer> answers = new ArrayList<>(8);
    private long dropped;

    /** Called by one thread at a time: the one whose turn it is. */
    void add(HookAnswer answer) {
        if (answers.size() < MOST) {
            answers.add(answer);
        } else {
            dropped++;
        }
    }

    List<HookAnswer> answers() {
        return List.copyOf(answers);
    }

    long dropped() {
        return dropped;
    }
}
