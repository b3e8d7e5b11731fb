// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.spi;

import java.util.List;

/** Something that concerns all members of the cluster was not done; the message says why and what was changed. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> findings;

    public RefusedException(String message, List<String> findings) {
        super(message);
        this.findings = List.copyOf(findings);
    }

    public RefusedException(String message) {
        this(message, List.of());
    }

    /** What each node says, one line each. */
    public List<String> findings() {
        return findings;
    }
}
