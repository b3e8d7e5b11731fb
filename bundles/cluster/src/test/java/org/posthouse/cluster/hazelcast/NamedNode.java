// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.hazelcast;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.posthouse.cluster.settings.Finder;
import org.posthouse.cluster.settings.Socket;

/** A process that joins by names, and says on its standard output whom it is connected to each time that changes. */
final class NamedNode {
    private NamedNode() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        List<Socket> members = new ArrayList<>();
        for (String text : arguments[2].split(",", -1)) {
            members.add(Socket.parse(text));
        }
        Socket own = members.removeFirst();
        Place place = new Place(arguments[0], arguments[1], own, own, members, new Finder(false));
        HazelcastCarriage carriage = new HazelcastCarriage(place, octets -> {});
        carriage.start();
        String said = "";
        // Until whoever started it closes its standard input.
        while (System.in.available() == 0) {
            String now = carriage.trouble().isEmpty()
                    ? "connected " + new TreeSet<>(carriage.connected())
                    : "trouble " + carriage.trouble();
            if (!now.equals(said)) {
                said = now;
                System.out.println(now);
            }
            Thread.sleep(50);
        }
        carriage.close();
        System.exit(0);
    }
}
