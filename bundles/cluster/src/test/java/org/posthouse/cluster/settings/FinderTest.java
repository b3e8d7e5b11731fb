// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FinderTest {
    private static final Socket NAME = new Socket("posthouse-0.posthouse", 5701);

    private final Map<String, List<String>> names = new HashMap<>();
    private final Finder finder = new Finder(false, this::look);

    private InetAddress[] look(String host) throws UnknownHostException {
        if (!names.containsKey(host)) {
            throw new UnknownHostException(host + ": Name or service not known");
        }
        List<InetAddress> all = new ArrayList<>();
        for (String address : names.get(host)) {
            all.add(InetAddress.getByName(address));
        }
        return all.toArray(InetAddress[]::new);
    }

    private String refused(Finder by) {
        return String.valueOf(
                assertThrows(UnknownHostException.class, () -> by.find(NAME)).getMessage());
    }

    @Test
    void looksANameUpEachTime() throws Exception {
        assertEquals("there is no host posthouse-0.posthouse (yet)", refused(finder));
        names.put(NAME.host(), List.of("10.0.0.5"));
        assertEquals(List.of(new Socket("10.0.0.5", 5701)), finder.find(NAME));
        names.put(NAME.host(), List.of("10.0.0.9", "fd00::9"));
        assertEquals(List.of("10.0.0.9:5701", "[fd00:0:0:0:0:0:0:9]:5701"), texts(finder.find(NAME)));
    }

    private static List<String> texts(List<Socket> sockets) {
        return sockets.stream().map(Socket::toString).toList();
    }

    @Test
    void refusesNamesThatLeadOut() throws Exception {
        names.put(NAME.host(), List.of("203.0.113.5"));
        String why = refused(finder);
        assertTrue(why.startsWith("posthouse-0.posthouse is at 203.0.113.5, and this is no address of a private"), why);
        assertEquals(List.of("203.0.113.5:5701"), texts(new Finder(true, this::look).find(NAME)));
        names.put(NAME.host(), List.of("203.0.113.5", "10.0.0.5"));
        assertEquals(List.of("10.0.0.5:5701"), texts(finder.find(NAME)));
    }

    @Test
    void asksNobodyAboutAddresses() throws Exception {
        for (String host : List.of("10.0.0.1", "203.0.113.5", "fd00::1", "0.0.0.0")) {
            Socket socket = new Socket(host, 1);
            assertEquals(List.of(socket), finder.find(socket));
        }
    }
}
