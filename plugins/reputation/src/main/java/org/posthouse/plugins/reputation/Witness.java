// SPDX-License-Identifier: Apache-2.0
package org.posthouse.plugins.reputation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which sessions and messages the hooks of this plugin were asked about, until events tell what came of them. Events of other
 * sessions are nobody's: of two generations that stand side by side only the one that was asked counts.
 */
final class Witness {
    /** So many sessions, and so many messages, wait for their events at most. */
    static final int MOST = 16_384;

    /** More bad events of one session tell nothing new. */
    static final int MOST_OF_SESSION = 10;

    private final Map<String, Client> sessions = new Recent<>();
    private final Map<String, Letter> letters = new Recent<>();

    /** A client that is watched. */
    private static final class Client {
        private final String network;
        private int left = MOST_OF_SESSION;

        Client(String network) {
            this.network = network;
        }
    }

    /**
     * A message.
     *
     * @param names whose it is: the network, and the domain when it is confirmed
     * @param spam whether others found so much in it that it is bad though it was accepted
     */
    record Letter(List<String> names, boolean spam) {
        Letter {
            names = List.copyOf(names);
        }
    }

    /** The newest entries. */
    private static final class Recent<V> extends LinkedHashMap<String, V> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
            return size() > MOST;
        }
    }

    synchronized void session(String id, String network) {
        sessions.put(id, new Client(network));
    }

    /** A session that is not judged any more, such as that of a user. */
    synchronized void forget(String session) {
        sessions.remove(session);
    }

    synchronized void message(String id, Letter letter) {
        letters.put(id, letter);
    }

    /** The network of a session for one more bad event; none when it is not watched or has had enough. */
    synchronized Optional<String> blame(String session) {
        Client client = sessions.get(session);
        if (client == null || client.left == 0) {
            return Optional.empty();
        }
        client.left--;
        return Optional.of(client.network);
    }

    /** A message that is still waited for. */
    synchronized Optional<Letter> letter(String id) {
        return Optional.ofNullable(letters.get(id));
    }

    /** A message whose fate is told: nothing more is waited for. */
    synchronized Optional<Letter> settle(String id) {
        return Optional.ofNullable(letters.remove(id));
    }
}
