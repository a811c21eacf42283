use std::collections::BTreeMap;

use super::*;
use crate::cloud::security_groups::LiveIngress;
use crate::emergency::{LiveAction, Observed, Standing};

fn rule(protocol: &str, ports: Option<(i32, i32)>, peer: Peer) -> Ingress {
    Ingress {
        protocol: protocol.to_owned(),
        from: ports.map(|p| p.0),
        to: ports.map(|p| p.1),
        peer,
        description: None,
        tags: BTreeMap::new(),
    }
}

fn v4(cidr: &str) -> Peer {
    Peer::Ipv4(cidr.to_owned())
}

fn v6(cidr: &str) -> Peer {
    Peer::Ipv6(cidr.to_owned())
}

fn tcp(port: i32, peer: Peer) -> Ingress {
    rule("tcp", Some((port, port)), peer)
}

fn live(rules: &[Ingress]) -> Vec<LiveIngress> {
    let mut live: Vec<LiveIngress> = rules
        .iter()
        .enumerate()
        .map(|(n, rule)| LiveIngress {
            rule: rule.clone(),
            id: format!("sgr-{n}"),
        })
        .collect();
    live.sort();
    live
}

fn group(rules: &[Ingress]) -> Group {
    Group {
        id: "sg-0a".to_owned(),
        name: "web".to_owned(),
        owner: "111122223333".to_owned(),
        tags: BTreeMap::new(),
        ingress: live(rules),
        users: Seen::Known(Vec::new()),
    }
}

fn wish(ports: &[u16]) -> Wish {
    Wish {
        asked: Asked {
            ports: ports.to_vec(),
            protocols: vec![Protocol::Tcp],
            families: vec![Family::V4, Family::V6],
        },
        approved: Vec::new(),
        include_wider: false,
        allow_no_admin_path: true,
    }
}

fn removed(rules: &[Ingress], wish: &Wish) -> Vec<Ingress> {
    choose(&group(rules), wish).unwrap().change.remove
}

fn refused(rules: &[Ingress], wish: &Wish) -> RefusedKind {
    choose(&group(rules), wish).unwrap_err().kind
}

#[test]
fn only_public_sources_of_the_asked_ports_go() {
    let everybody = tcp(22, v4("0.0.0.0/0"));
    let everybody6 = tcp(22, v6("::/0"));
    let rules = [
        everybody.clone(),
        everybody6.clone(),
        tcp(22, v4("10.0.0.0/8")),
        tcp(443, v4("0.0.0.0/0")),
        rule("udp", Some((22, 22)), v4("0.0.0.0/0")),
        rule("icmp", Some((-1, -1)), v4("0.0.0.0/0")),
        tcp(22, Peer::Group("111122223333/sg-0b".to_owned())),
        tcp(22, Peer::PrefixList("pl-1".to_owned())),
    ];
    assert_eq!(
        removed(&rules, &wish(&[22])),
        [everybody.clone(), everybody6.clone()]
    );
    let mut only = wish(&[22]);
    only.asked.families = vec![Family::V6];
    assert_eq!(removed(&rules, &only), [everybody6]);
    assert_eq!(refused(&rules, &wish(&[3389])), RefusedKind::AlreadySafe);
    // Halves of the internet are as good as all of it.
    let halves = [tcp(22, v4("0.0.0.0/1")), tcp(22, v4("128.0.0.0/1"))];
    assert_eq!(removed(&halves, &wish(&[22])).len(), 2);
}

#[test]
fn what_is_wider_than_the_finding_goes_only_when_asked() {
    for wide in [
        rule("-1", None, v4("0.0.0.0/0")),
        rule("tcp", Some((0, 65535)), v4("0.0.0.0/0")),
        rule("tcp", Some((20, 25)), v6("::/0")),
        rule("6", Some((22, 23)), v4("0.0.0.0/0")),
    ] {
        let rules = [tcp(22, v4("0.0.0.0/0")), wide.clone()];
        // Closing the narrow one alone would leave the port open: nothing is done at all.
        assert_eq!(refused(&rules, &wish(&[22])), RefusedKind::WiderThanFinding);
        let with = Wish {
            include_wider: true,
            ..wish(&[22])
        };
        assert_eq!(removed(&rules, &with).len(), 2, "{wide:?}");
    }
    // A range whose every port is asked about is not wider.
    let exact = [rule("tcp", Some((20, 22)), v4("0.0.0.0/0"))];
    assert_eq!(removed(&exact, &wish(&[20, 21, 22])).len(), 1);
}

#[test]
fn no_port_is_left_without_a_way_in_unless_allowed() {
    let narrow = Wish {
        allow_no_admin_path: false,
        ..wish(&[22, 3389])
    };
    let public = tcp(22, v4("0.0.0.0/0"));
    assert_eq!(
        refused(std::slice::from_ref(&public), &narrow),
        RefusedKind::NoAdminPath
    );
    // Port 3389 was not open, so that nobody reaches it is no news.
    for way in [
        tcp(22, v4("10.0.0.0/8")),
        rule("-1", None, Peer::Group("sg-0b".to_owned())),
        rule("tcp", Some((0, 100)), Peer::PrefixList("pl-1".to_owned())),
    ] {
        removed(&[public.clone(), way], &narrow);
    }
    for no_way in [
        tcp(2222, v4("10.0.0.0/8")),
        rule("udp", Some((22, 22)), v4("10.0.0.0/8")),
    ] {
        assert_eq!(
            refused(&[public.clone(), no_way], &narrow),
            RefusedKind::NoAdminPath
        );
    }
    let approved = Wish {
        approved: vec!["198.51.100.0/24".to_owned()],
        ..narrow
    };
    removed(std::slice::from_ref(&public), &approved);
    // An approved block of the other family is no way in for a port that only IPv6 reached.
    assert_eq!(
        refused(&[tcp(22, v6("::/0"))], &approved),
        RefusedKind::NoAdminPath
    );
}

#[test]
fn approved_blocks_take_the_place_and_those_that_exist_are_left() {
    let mut public = tcp(22, v4("0.0.0.0/0"));
    public.description = Some("ssh".to_owned());
    public.tags.insert("team".to_owned(), "web".to_owned());
    let there = tcp(22, v4("203.0.113.0/24"));
    let with = Wish {
        approved: vec![
            "198.51.100.0/24".to_owned(),
            "203.0.113.0/24".to_owned(),
            "2001:db8::/32".to_owned(),
        ],
        ..wish(&[22])
    };
    let choice = choose(&group(&[public.clone(), there.clone()]), &with).unwrap();
    let expected = Ingress {
        peer: v4("198.51.100.0/24"),
        ..public.clone()
    };
    assert_eq!(choice.change.add, std::slice::from_ref(&expected));
    assert_eq!(choice.change.remove, std::slice::from_ref(&public));
    // Undo takes away what was added, and not what was there.
    let LiveAction::RestoreIngress(undo) = LiveAction::CloseIngress(choice.change).undo() else {
        panic!("the undo of closing is restoring");
    };
    assert_eq!(
        (undo.add.clone(), undo.remove.clone()),
        (vec![public.clone()], vec![expected])
    );
    assert_eq!(undo.after(), {
        let mut before = vec![public, there];
        before.sort();
        before
    });
}

#[test]
fn what_is_meant_to_be_public_is_refused() {
    let mut tagged = group(&[tcp(22, v4("0.0.0.0/0"))]);
    tagged
        .tags
        .insert("exposure".to_owned(), "public".to_owned());
    let kind = |g: &Group| choose(g, &wish(&[22])).unwrap_err().kind;
    assert_eq!(kind(&tagged), RefusedKind::IntendedPublic);
    let mut described = tcp(22, v4("0.0.0.0/0"));
    described.description = Some("intentionally public bastion".to_owned());
    assert_eq!(kind(&group(&[described])), RefusedKind::IntendedPublic);
    // Of a rule that stays nobody asks.
    let mut other = tcp(443, v4("0.0.0.0/0"));
    other.description = Some("public by design".to_owned());
    removed(&[tcp(22, v4("0.0.0.0/0")), other], &wish(&[22]));
}

#[test]
fn where_the_live_state_stands() {
    let public = tcp(22, v4("0.0.0.0/0"));
    let private = tcp(443, v4("10.0.0.0/8"));
    let with = Wish {
        approved: vec!["198.51.100.0/24".to_owned()],
        ..wish(&[22])
    };
    let before = [public.clone(), private.clone()];
    let action = LiveAction::CloseIngress(choose(&group(&before), &with).unwrap().change);
    action.sound().unwrap();
    let added = tcp(22, v4("198.51.100.0/24"));
    let at = |rules: &[Ingress]| action.standing(&Observed::Ingress(live(rules)));
    assert_eq!(at(&before), Standing::Before);
    assert_eq!(
        at(&[public.clone(), added.clone(), private.clone()]),
        Standing::Between
    );
    assert_eq!(at(std::slice::from_ref(&private)), Standing::Between);
    assert_eq!(at(&[added.clone(), private.clone()]), Standing::After);
    // Somebody else's rule, somebody else's removal, another description: each is named.
    let stranger = tcp(8080, v4("10.1.0.0/16"));
    let drifted = [added.clone(), private.clone(), stranger.clone()];
    assert!(
        matches!(at(&drifted), Standing::Elsewhere(d) if d.len() == 1 && d[0].contains("8080"))
    );
    assert!(
        matches!(at(std::slice::from_ref(&added)), Standing::Elsewhere(d) if d[0].contains("443"))
    );
    let mut renamed = public.clone();
    renamed.description = Some("other".to_owned());
    assert!(matches!(at(&[renamed, private]), Standing::Elsewhere(_)));
    // Others' changes can be left alone: the same change among them.
    let now = Observed::Ingress(live(&drifted));
    let among = action.among(&now);
    among.sound().unwrap();
    assert_eq!(among.standing(&now), Standing::After);
    assert_eq!(among.undo().standing(&now), Standing::Before);
}

#[test]
fn an_action_from_elsewhere_is_checked_before_it_is_done() {
    let change = |add: Vec<Ingress>, remove: Vec<Ingress>| IngressChange {
        group: "sg-0a".to_owned(),
        before: vec![tcp(22, v4("0.0.0.0/0")), tcp(22, v4("10.0.0.0/8"))],
        add,
        remove,
    };
    let sound = |c: IngressChange| LiveAction::CloseIngress(c).sound();
    sound(change(Vec::new(), vec![tcp(22, v4("0.0.0.0/0"))])).unwrap();
    for wrong in [
        change(Vec::new(), Vec::new()),
        change(Vec::new(), vec![tcp(22, v4("10.0.0.0/8"))]),
        change(Vec::new(), vec![tcp(23, v4("0.0.0.0/0"))]),
        change(
            vec![tcp(23, v4("0.0.0.0/0"))],
            vec![tcp(22, v4("0.0.0.0/0"))],
        ),
        change(
            vec![tcp(22, v4("10.0.0.0/8"))],
            vec![tcp(22, v4("0.0.0.0/0"))],
        ),
        IngressChange {
            group: "sg-../x".to_owned(),
            ..change(Vec::new(), vec![tcp(22, v4("0.0.0.0/0"))])
        },
    ] {
        sound(wrong.clone()).expect_err(&format!("{wrong:?}"));
    }
}

#[test]
fn blocks_are_written_as_the_service_keeps_them() {
    for (given, kept) in [
        ("198.51.100.7/24", v4("198.51.100.0/24")),
        (" 203.0.113.9/32 ", v4("203.0.113.9/32")),
        ("2001:DB8:0:0::5/48", v6("2001:db8::/48")),
        ("2001:db8::1/128", v6("2001:db8::1/128")),
    ] {
        assert_eq!(canonical(given), Some(kept), "{given}");
    }
    for wrong in ["198.51.100.0/33", "x/8", "10.0.0.0", "::/129"] {
        assert_eq!(canonical(wrong), None, "{wrong}");
    }
}
