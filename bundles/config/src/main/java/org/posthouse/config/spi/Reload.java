// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.spi;

import java.util.List;

/** Reads the files again, now. */
public interface Reload {
    /** Applies what changed, all or nothing; returns the findings that refused it, empty when it was applied. */
    List<String> reload();
}
