// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.load;

/**
 * One thing that is wrong with the configuration, in one line.
 *
 * @param origin the file and line, or the variable, it comes from
 * @param key the key in dotted form, or empty when it is about a whole file
 * @param message what was expected, with the nearest known key
 */
public record Finding(String origin, String key, String message) {
    @Override
    public String toString() {
        return key.isEmpty() ? origin + ": " + message : origin + ": " + key + ": " + message;
    }
}
