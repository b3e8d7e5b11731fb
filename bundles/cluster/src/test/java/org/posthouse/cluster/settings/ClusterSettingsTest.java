// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.annotation.Annotation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.posthouse.cluster.protocol.Membership;

class ClusterSettingsTest {
    /** The section as a test writes it. */
    @SuppressWarnings("ClassExplicitlyAnnotation")
    private static final class Section implements ClusterConfig {
        String name = "mail";
        String self = "a";
        String[] members = {"a=10.0.0.1:5701", "b=10.0.0.2:5701", "w=10.0.0.3:5701"};
        String[] witnesses = {"w"};
        String bind = "";
        boolean allowPublic;
        String[] keys = {"/etc/posthouse/cluster.key"};
        int copies = 2;
        Two twoNodes = Two.WAIT;

        @Override
        public Class<? extends Annotation> annotationType() {
            return ClusterConfig.class;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String self() {
            return self;
        }

        @Override
        public String[] members_() {
            return members;
        }

        @Override
        public String[] witnesses() {
            return witnesses;
        }

        @Override
        public String bind() {
            return bind;
        }

        @Override
        public boolean allowPublic() {
            return allowPublic;
        }

        @Override
        public String[] keys() {
            return keys;
        }

        @Override
        public int copies() {
            return copies;
        }

        @Override
        public WhenShort whenShort() {
            return WhenShort.ACCEPT;
        }

        @Override
        public Takeover onTakeover() {
            return Takeover.RETRY;
        }

        @Override
        public Two twoNodes() {
            return twoNodes;
        }
    }

    private final Section section = new Section();

    private String refused() {
        return assertThrows(IllegalArgumentException.class, () -> ClusterSettings.of(section))
                .getMessage();
    }

    private void refusedWith(String beginning) {
        String finding = refused();
        assertTrue(finding.startsWith(beginning), finding);
    }

    @Test
    void twoMailNodesAndAWitness() {
        ClusterSettings settings = ClusterSettings.of(section);
        assertEquals(new Membership("a", List.of("a", "b"), List.of("w")), settings.membership());
        assertEquals(new Socket("10.0.0.1", 5701), settings.bind());
        assertEquals(List.of(new Socket("10.0.0.2", 5701), new Socket("10.0.0.3", 5701)), settings.others());
        assertTrue(settings.rules().leaseBeforeDot());
    }

    @Test
    void theOrderOfTheFileIsTheOrderOfSuccession() {
        section.members = new String[] {"c=10.0.0.3:1", "a=10.0.0.1:1", "b=10.0.0.2:1"};
        section.witnesses = new String[0];
        assertEquals(
                List.of("c", "a", "b"), ClusterSettings.of(section).membership().mail());
    }

    @Test
    void twoNodesTakeOverOnlyWhenTold() {
        section.members = new String[] {"a=10.0.0.1:1", "b=10.0.0.2:1"};
        section.witnesses = new String[0];
        assertTrue(ClusterSettings.of(section).rules().leaseBeforeDot());
        section.twoNodes = ClusterConfig.Two.TAKEOVER;
        assertFalse(ClusterSettings.of(section).rules().leaseBeforeDot());
    }

    @Test
    void refusesWhatTheMembersDoNotKnow() {
        section.self = "d";
        refusedWith("cluster.self: expected one of the names in cluster.members [a, b, w], not d");
        section.self = "a";
        section.witnesses = new String[] {"x"};
        refusedWith("cluster.witnesses: ");
        section.witnesses = new String[] {"a", "b", "w"};
        refusedWith("cluster.witnesses: expected at least one member that stores mail");
    }

    @Test
    void refusesMoreCopiesThanThereAreDisks() {
        section.copies = 3;
        refusedWith("cluster.copies: expected at most 2, the members that store mail, not 3");
    }

    @Test
    void refusesTwoMembersAtOneAddressAndNamesThatAreNone() {
        section.members = new String[] {"a=10.0.0.1:5701", "b=10.0.0.1:5701"};
        section.witnesses = new String[0];
        refusedWith("cluster.members.b: expected an address of its own");
        section.members = new String[] {"a=10.0.0.1:5701", "B b=10.0.0.2:5701"};
        refusedWith("cluster.members: expected a name of lower case letters");
    }

    @Test
    void refusesAPublicAddressUnlessTold() {
        for (String bind : List.of("192.0.2.1:5701", "[2001:db8::1]:5701", "0.0.0.0:5701", "*:5701", "[::]:5701")) {
            section.bind = bind;
            section.allowPublic = false;
            refusedWith("cluster.bind: ");
            assertTrue(refused().contains("cluster.allowPublic"), refused());
            section.allowPublic = true;
            assertEquals(5701, ClusterSettings.of(section).bind().port());
        }
        section.bind = "";
        section.allowPublic = false;
        section.members[0] = "a=192.0.2.1:5701";
        refusedWith("cluster.members.a: 192.0.2.1:5701 is no address of a private network");
    }

    @Test
    void takesAddressesOfPrivateNetworks() {
        for (String bind : List.of(
                "127.0.0.1:1",
                "10.1.2.3:1",
                "172.31.0.1:1",
                "192.168.0.1:1",
                "169.254.1.1:1",
                "100.64.0.1:1",
                "[::1]:1",
                "[fd00::1]:1",
                "[fe80::1]:1")) {
            section.bind = bind;
            assertEquals(1, ClusterSettings.of(section).bind().port(), bind);
        }
        section.bind = "100.128.0.1:1";
        refusedWith("cluster.bind: ");
    }

    @Test
    void takesNamesThatNobodyKnowsYet() {
        section.members = new String[] {
            "posthouse-0=posthouse-0.posthouse.test:5701", "posthouse-1=posthouse-1.posthouse.test:5701"
        };
        section.witnesses = new String[0];
        section.self = "posthouse-1";
        ClusterSettings settings = ClusterSettings.of(section);
        assertEquals(new Socket("posthouse-1.posthouse.test", 5701), settings.bind());
        assertEquals(List.of(new Socket("posthouse-0.posthouse.test", 5701)), settings.others());
        section.bind = "0.0.0.0:5701";
        refusedWith("cluster.bind: ");
        section.allowPublic = true;
        assertEquals(new Socket("0.0.0.0", 5701), ClusterSettings.of(section).bind());
        assertEquals(
                new Socket("posthouse-1.posthouse.test", 5701),
                ClusterSettings.of(section).address());
    }

    @Test
    void tellsEverythingThatIsWrongAtOnce() {
        section.self = "d";
        section.copies = 5;
        section.keys = new String[0];
        section.name = "Mail!";
        assertEquals(4, refused().split("; and ").length, refused());
    }
}
