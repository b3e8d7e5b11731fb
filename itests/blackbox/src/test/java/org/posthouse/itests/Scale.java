// SPDX-License-Identifier: Apache-2.0
package org.posthouse.itests;

/** How much work a test does: little on every build, all of it with {@code -Dposthouse.scale=full}. */
final class Scale {
    static final boolean FULL = "full".equals(System.getProperty("posthouse.scale"));

    private Scale() {}

    static int of(int everyBuild, int full) {
        return FULL ? full : everyBuild;
    }
}
