// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.posthouse.cluster.protocol.Membership;
import org.posthouse.cluster.protocol.Rules;

/**
 * What the section {@code cluster} says, checked as a whole; what is wrong with a single value was found before, with
 * its file and line.
 *
 * @param name the cluster
 * @param members where each member is reached, in the order of succession
 * @param witnesses those of them that store no mail
 * @param self which of them this node is
 * @param bind where it listens, perhaps by name
 * @param allowPublic whether names may lead to addresses that are not of a private network
 * @param keys the files of the keys
 * @param copies how many nodes store a message
 * @param accept whether a message that finds too few nodes is accepted all the same
 * @param hold whether a recipient that is in doubt is held, not tried again
 * @param alone whether one of two nodes goes on without the other
 */
public record ClusterSettings(
        String name,
        Map<String, Socket> members,
        Set<String> witnesses,
        String self,
        Socket bind,
        boolean allowPublic,
        List<Path> keys,
        int copies,
        boolean accept,
        boolean hold,
        boolean alone) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");
    private static final int MOST = 9;

    public ClusterSettings {
        members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        witnesses = Set.copyOf(witnesses);
        keys = List.copyOf(keys);
    }

    /**
     * The settings of the section.
     *
     * @throws IllegalArgumentException with everything that is wrong, each with its key
     */
    public static ClusterSettings of(ClusterConfig config) {
        List<String> wrong = new ArrayList<>();
        Map<String, Socket> members = members(config.members_(), wrong);
        Set<String> witnesses = new LinkedHashSet<>(List.of(config.witnesses()));
        check(name(config.name()), "cluster.name: expected " + expected() + ", not " + config.name(), wrong);
        check(
                members.containsKey(config.self()),
                "cluster.self: expected one of the names in cluster.members " + members.keySet() + ", not "
                        + config.self(),
                wrong);
        check(
                members.keySet().containsAll(witnesses),
                "cluster.witnesses: expected names in cluster.members " + members.keySet() + ", not " + witnesses,
                wrong);
        check(
                !witnesses.containsAll(members.keySet()),
                "cluster.witnesses: expected at least one member that stores mail",
                wrong);
        int mail = members.size() - witnesses.size();
        check(
                config.copies() <= Math.max(1, mail),
                "cluster.copies: expected at most " + mail + ", the members that store mail, not " + config.copies(),
                wrong);
        check(config.keys().length > 0, "cluster.keys: expected at least one file", wrong);
        Socket address = members.get(config.self());
        Socket bind = config.bind().isEmpty() ? address : Socket.parse(config.bind());
        if (bind != null) {
            bind = closed(
                    bind, config.bind().isEmpty() ? "cluster.members." + config.self() : "cluster.bind", config, wrong);
        }
        if (!wrong.isEmpty() || bind == null) {
            throw new IllegalArgumentException(String.join("; and ", wrong));
        }
        return new ClusterSettings(
                config.name(),
                members,
                witnesses,
                config.self(),
                bind,
                config.allowPublic(),
                List.of(config.keys()).stream().map(Path::of).toList(),
                config.copies(),
                config.whenShort() == ClusterConfig.WhenShort.ACCEPT,
                config.onTakeover() == ClusterConfig.Takeover.HOLD,
                config.twoNodes() == ClusterConfig.Two.TAKEOVER);
    }

    private static void check(boolean good, String finding, List<String> wrong) {
        if (!good) {
            wrong.add(finding);
        }
    }

    private static boolean name(String text) {
        return NAME.matcher(text).matches();
    }

    private static String expected() {
        return "a name of lower case letters, digits and hyphens";
    }

    private static Map<String, Socket> members(String[] entries, List<String> wrong) {
        Map<String, Socket> members = new LinkedHashMap<>();
        for (String entry : entries) {
            int equals = entry.indexOf('=');
            String name = entry.substring(0, Math.max(0, equals));
            check(name(name), "cluster.members: expected " + expected() + ", not " + name, wrong);
            Socket socket = Socket.parse(entry.substring(equals + 1));
            check(
                    socket.port() > 0 && !socket.any(),
                    "cluster.members." + name + ": expected where the others reach it, not " + socket,
                    wrong);
            check(
                    !members.containsValue(socket),
                    "cluster.members." + name + ": expected an address of its own, not " + socket,
                    wrong);
            members.put(name, socket);
        }
        check(
                members.size() <= MOST,
                "cluster.members: expected at most " + MOST + " members, not " + members.size(),
                wrong);
        return members;
    }

    /**
     * What it listens on must not be reached from everywhere. A name is looked up when it is needed: this may be the
     * machine where it is only checked, or too early.
     */
    private static Socket closed(Socket bind, String key, ClusterConfig config, List<String> wrong) {
        if (bind.any()) {
            check(config.allowPublic(), key + ": " + bind + refused(), wrong);
            return new Socket(bind.v6() ? "::" : "0.0.0.0", bind.port());
        }
        if (!bind.numeric()) {
            return bind;
        }
        try {
            // Of an address nobody is asked.
            InetAddress address = InetAddress.getByName(bind.host());
            check(config.allowPublic() || Reach.closed(address), key + ": " + bind + refused(), wrong);
            return new Socket(address.getHostAddress(), bind.port());
        } catch (UnknownHostException e) {
            wrong.add(key + ": " + bind.host() + " is no address");
            return bind;
        }
    }

    static String refused() {
        return " is no address of a private network; members trust who connects, so only a firewall would protect them:"
                + " choose another one, or set cluster.allowPublic to true";
    }

    /** The members as this one sees them. */
    public Membership membership() {
        return new Membership(
                self,
                members.keySet().stream().filter(m -> !witnesses.contains(m)).toList(),
                members.keySet().stream().filter(witnesses::contains).toList());
    }

    /** The rules of the protocol. */
    public Rules rules() {
        Rules standard = Rules.standard(membership(), copies, accept);
        Rules rules = hold ? standard.holding() : standard;
        return alone && members.size() == 2 && witnesses.isEmpty() ? rules.takingOverAlone() : rules;
    }

    /** Where this node is reached. */
    public Socket address() {
        return members.getOrDefault(self, bind);
    }

    /** Where the others are reached. */
    public List<Socket> others() {
        return members.entrySet().stream()
                .filter(m -> !m.getKey().equals(self))
                .map(Map.Entry::getValue)
                .toList();
    }
}
