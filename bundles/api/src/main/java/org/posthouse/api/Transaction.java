// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One mail transaction from MAIL to the final reply. Provided by the core.
 *
 * <p>What a hook stages here (edits, notes, scores, results) joins the transaction only when the hook returns in time.
 * What the hook did not declare in its {@link org.posthouse.api.hook.Hook#needs() needs} is refused with
 * {@link SecurityException}.
 */
@ProviderType
public interface Transaction {
    /** The id of the message to be: 26 characters, in the order of time; known from MAIL on. */
    String id();

    /** The session it belongs to. */
    Session session();

    /** The reverse-path as it stands now. */
    Sender sender();

    /** The recipients accepted so far, as they stand now. */
    List<Recipient> recipients();

    /** Who the message is accounted to, as it stands now; empty when no hook said. */
    default String tenant() {
        return "";
    }

    /** Stages an edit. */
    void edit(Edit edit);

    /**
     * A place for a new body, on disk; hand the finished body over with {@link Edit#body(NewBody)}.
     *
     * @throws IOException when the disk is full or failing
     */
    NewBody newBody() throws IOException;

    /** The value of a note of transaction or message scope. */
    <T> Optional<T> get(Note<T> note);

    /** Leaves a note of transaction or message scope. */
    <T> void put(Note<T> note, T value);

    /** Adds to the score under this name; sums are turned into verdicts by a plugin that runs last. */
    void score(String symbol, double points);

    /** The scores so far, by symbol. */
    java.util.Map<String, Double> scores();

    /** The results of authentication checks so far. */
    AuthResults results();

    /** Records the result of an authentication check, for later hooks and the Authentication-Results header. */
    void result(AuthResults.Result result);
}
