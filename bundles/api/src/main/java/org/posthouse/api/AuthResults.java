// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The results of authentication checks of a transaction (RFC 8601).
 *
 * @param all the results in the order in which they were recorded
 */
public record AuthResults(List<Result> all) {
    /** No results. */
    public static final AuthResults NONE = new AuthResults(List.of());

    public AuthResults {
        all = List.copyOf(all);
    }

    /** The results of one method such as {@code spf}, {@code dkim}, {@code dmarc}, {@code arc}, {@code iprev}. */
    public List<Result> of(String method) {
        List<Result> some = new ArrayList<>(2);
        for (Result result : all) {
            if (result.method().equals(method)) {
                some.add(result);
            }
        }
        return Collections.unmodifiableList(some);
    }

    /**
     * One result (RFC 8601 2.3).
     *
     * @param method the method in lower case
     * @param value the result keyword such as {@code pass}, {@code fail}, {@code temperror}
     * @param reason a text for people, or empty
     * @param properties {@code ptype.property=value} pairs such as {@code smtp.mailfrom=example.org}
     */
    public record Result(String method, String value, String reason, List<String> properties) {
        public Result {
            properties = List.copyOf(properties);
        }
    }
}
