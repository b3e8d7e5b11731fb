// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.settings;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.posthouse.api.config.Unit;

/** The values of the top-level key {@code cluster}. */
@ObjectClassDefinition(
        name = "Cluster",
        description = "Several nodes that keep mail together; left out, the server is alone and loads nothing of it."
                + " Adding or removing the section takes effect with a restart.")
public @interface ClusterConfig {
    /** What to do with a message that found too few nodes. */
    enum WhenShort {
        /** 250 with the true count. */
        ACCEPT,
        /** 451. */
        DEFER
    }

    /** What to do with a recipient that was on its way when its owner failed. */
    enum Takeover {
        /** Try it again. */
        RETRY,
        /** Hold it for a person. */
        HOLD
    }

    /** What one of two nodes does while the other one is away. */
    enum Two {
        /** Delay what both have. */
        WAIT,
        /** Deliver it, perhaps twice. */
        TAKEOVER
    }

    @AttributeDefinition(description = "The name of the cluster, the same on all members.")
    String name();

    @AttributeDefinition(description = "Which of the members this node is.")
    String self();

    @Unit(Unit.Kind.SOCKET)
    @AttributeDefinition(
            description = "All members with the address or name at which the others reach them, this node included;"
                    + " the same, in the same order, everywhere. Names are looked up when they are needed.")
    String[] members_();

    @AttributeDefinition(
            required = false,
            description = "The members that only vote and store no mail, so that two others have a majority.")
    String[] witnesses() default {};

    @Unit(Unit.Kind.SOCKET)
    @AttributeDefinition(
            required = false,
            defaultValue = "",
            description = "Where this node listens for the others; empty for its address in members.")
    String bind();

    @AttributeDefinition(
            defaultValue = "false",
            description = "Whether it may listen on an address, or use names that lead to one, that is not of a private"
                    + " network.")
    boolean allowPublic();

    @Unit(Unit.Kind.FILE)
    @AttributeDefinition(
            description = "Files with a key each, 32 octets as base64 ('openssl rand -base64 32'), the same on all"
                    + " members: the first one encrypts, all of them decrypt.")
    String[] keys();

    @AttributeDefinition(
            defaultValue = "2",
            min = "1",
            max = "5",
            description = "How many nodes store a message before 250, the one that took it included.")
    int copies();

    @AttributeDefinition(
            defaultValue = "ACCEPT",
            description = "What is answered when fewer nodes can store it: 250 with the true count, or 451.")
    WhenShort whenShort();

    @AttributeDefinition(
            defaultValue = "RETRY",
            description = "What becomes of a recipient that may have got the message from a node that failed.")
    Takeover onTakeover();

    @AttributeDefinition(
            defaultValue = "WAIT",
            description = "Two nodes without a witness can not tell a dead peer from a cut: wait for it, or take over"
                    + " and perhaps deliver twice.")
    Two twoNodes();
}
