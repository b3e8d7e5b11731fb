// SPDX-License-Identifier: Apache-2.0
package org.posthouse.delivery.client;

import java.util.List;
import org.posthouse.api.Address;
import org.posthouse.api.Content;
import org.posthouse.api.Recipient;
import org.posthouse.api.Sender;

/**
 * What one transaction carries.
 *
 * @param sender the parameters of the reverse-path
 * @param from the reverse-path of this attempt
 * @param recipients in order
 * @param content what goes out
 * @param eightBit whether it may hold octets above 127
 * @param intent asked right before the step that can not be taken back
 */
public record Shipment(
        Sender sender, Address from, List<Recipient> recipients, Content content, boolean eightBit, Intent intent) {
    public Shipment {
        recipients = List.copyOf(recipients);
    }

    /** Records that recipients, by their positions, are in transit. */
    @FunctionalInterface
    public interface Intent {
        /** Whether to go on. */
        boolean record(List<Integer> positions);

        /** Whether others have to be asked for that: nothing but the step itself may be left to be sent then. */
        default boolean asksOthers() {
            return false;
        }
    }
}
