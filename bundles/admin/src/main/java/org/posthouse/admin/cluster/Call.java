// SPDX-License-Identifier: Apache-2.0
package org.posthouse.admin.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.posthouse.telemetry.spi.Members;

/** What a member is asked over its REST API. */
record Call(String method, String path, Map<String, List<String>> query, String type, byte[] body, Duration patience) {
    private static final String ROOT = "/api/v1";
    private static final String FILE = "application/octet-stream";

    static Call get(String path) {
        return new Call("GET", path, Map.of(), "", new byte[0], Members.PATIENCE);
    }

    static Call of(String method, String path) {
        return new Call(method, path, Map.of(), "", new byte[0], Members.PATIENCE);
    }

    static Call file(String path, byte[] file) {
        return new Call("POST", path, Map.of(), FILE, file, Members.PATIENCE);
    }

    Call with(String parameter, String value) {
        return new Call(method, path, Map.of(parameter, List.of(value)), type, body, patience);
    }

    Call within(Duration limit) {
        return new Call(method, path, query, type, body, limit);
    }

    Members.Request request(String peer) {
        return new Members.Request(method, ROOT + path, query, type, body, peer);
    }
}
