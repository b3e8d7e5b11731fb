// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.spf;

/**
 * How a check ended.
 *
 * @param why the term that matched, or what is wrong; empty when there is nothing to say
 * @param explanation what the domain wants to be told to the client, of a fail only and when it was asked for; else empty
 */
record Judgement(Result result, String why, String explanation) {
    Judgement(Result result, String why) {
        this(result, why, "");
    }
}
