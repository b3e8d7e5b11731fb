// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin;

import java.util.Map;

/** A response: status, headers of its own, and a body with its type. */
record Response(int status, String contentType, Map<String, String> headers, byte[] body) {
    Response {
        headers = Map.copyOf(headers);
    }
}
